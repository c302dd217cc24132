package rtps

// Limits and periods of this implementation, all in one place. Sizes are in bytes, periods in nanoseconds.
const (
	// MaxDatagramBytes is the largest UDP payload over IPv4.
	MaxDatagramBytes = 65507
	// FragmentBytes is how much of a sample one datagram carries; larger samples travel as DATA_FRAG. A
	// datagram keeps room for headers and a HEARTBEAT.
	FragmentBytes = 60000
	// repairDatagramBytes: repairs of small samples are packed into datagrams of about this size.
	repairDatagramBytes = 8192
	// repairAnswerBytes bounds what one ACKNACK can make a writer send, so that it cannot be used as an amplifier.
	repairAnswerBytes = 256 << 10

	// MaxSampleBytes is the largest sample written or put together (a 4K RGB image is 25 MB).
	MaxSampleBytes = 32 << 20
	// maxReassemblyBytes bounds all half-received samples of a participant together.
	maxReassemblyBytes = 128 << 20
	// maxFragments bounds the fragments of one sample (32 MiB in Cyclone DDS's pieces of 1344 bytes).
	maxFragments = MaxSampleBytes/1024 + 1
	// partialSamples is how many samples of one writer may be half-received at a time.
	partialSamples = 4

	// windowSamples is how many samples a reliable reader holds ahead of a missing one. It equals the most
	// sequence numbers that one ACKNACK can name (8.3.5.5).
	windowSamples = 256
	// maxHeldBytes bounds what a reliable reader holds for one writer ahead of a missing sample.
	maxHeldBytes = 64 << 20
	// MaxHistoryDepth bounds keep-last depth; keep-all keeps this many.
	MaxHistoryDepth = 4096
	// maxJobs bounds the queue of samples that wait to be sent in paced fragments.
	maxJobs = 256

	// maxParticipants and maxRemoteEndpoints bound what discovery remembers.
	maxParticipants    = 256
	maxRemoteEndpoints = 1024 // of one participant
	// MaxLocalEndpoints bounds the writers and readers of this participant, together.
	MaxLocalEndpoints = 1024

	maxLocators      = 8    // kept of one announcement
	maxNameBytes     = 256  // topic, type and entity names
	maxUserDataBytes = 4096 // user data of participants and endpoints
	maxParams        = 256  // parameters in one list
)

const (
	// LeaseNs is how long others believe in us without news; AnnounceNs how often we give news.
	LeaseNs    = 10e9
	AnnounceNs = 3e9
	// The first announcements come quicker, so that a node is seen at once.
	firstAnnounceNs = 100e6
	firstAnnounces  = 5
	// A foreign lease is believed between these bounds.
	minLeaseNs = 1e9
	maxLeaseNs = 300e9

	// A writer repeats its HEARTBEAT while a reliable reader has not acknowledged everything: quick at first,
	// then slower, so that a dead reader costs one small datagram a second until its lease ends.
	minHeartbeatNs = 20e6
	maxHeartbeatNs = 1e9
	// A reader that misses samples asks again without waiting for the writer's HEARTBEAT (Fast DDS sends one
	// every 3 s).
	minNackNs = 10e6
	maxNackNs = 1e9
	// PaceNs is the pause between two fragments. Stock socket buffers (208 KiB) lose 640x480 images that come
	// at once: 11 of 150 got through to rclpy unpaced, 149 of 150 with this pause.
	PaceNs = 300e3
)

// Relations between the limits that the code relies on.
const (
	_ = uint(MaxDatagramBytes - FragmentBytes - 512)
	_ = uint(maxFragments - MaxSampleBytes/FragmentBytes - 1)
	_ = uint(LeaseNs - 3*AnnounceNs)
	_ = uint(256 - windowSamples)
)
