// Package rtps is the wire protocol of DDS, the Real-Time Publish-Subscribe protocol (OMG DDSI-RTPS 2.5),
// written as pure state machines: no socket, no clock, no goroutine, and nothing of ROS.
//
// The caller owns all three. It hands every datagram that arrives to Participant.Receive together with the
// present time, hands every sample to Writer.Write, calls Participant.Tick when Participant.DeadlineNs has come,
// and after each of these calls sends the datagrams, and delivers the samples, that the call left in its Outbox:
//
//	p.Receive(datagram, from, UserTraffic, nowNs, &out)
//	for i := range out.Packets { conn.WriteTo(out.Datagram(i), out.Packets[i].To) }
//	for _, d := range out.Deliveries { use(d.Payload) }
//	p.Recycle(&out)
//
// A Participant is not safe for concurrent use: the caller locks around each call, and sends after unlocking.
// Times called now are monotonic nanoseconds; stamps are Unix nanoseconds and are only carried.
//
// What is where:
//
//	wire       fields, header, one submessage a file (data.go, heartbeat.go, ...), params (parameter lists)
//	vocabulary guid, seqnum, locator, qos
//	discovery  spdp (participants, leases), sedp (endpoints), match (who hears whom)
//	data       history and writer (offers, repairs, forgets), reader and proxies (orders, asks again),
//	           fragments (large samples cut, paced and put together)
//
// After construction and discovery, writing and reading samples below FragmentBytes allocates nothing.
// Everything that comes off the wire is bounded by the limits in params.go.
package rtps
