package ros2

import "testing"

// The same echo with a second, independent implementation of DDS.
func TestInteropCyclone(t *testing.T) {
	python := peerPython(t, "cyclonedds.sh")
	for i, reliability := range []string{"reliable", "best_effort"} {
		echoWith(t, 95+i, reliability, "JointState with Cyclone DDS 11", 50, jointState, func() *peer {
			return startPeer(t, python, "cyclone_peer.py", 95+i, nil, reliability)
		})
	}
}
