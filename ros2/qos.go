package ros2

import "robotd/ros2/rtps"

// QoS is the quality of service of a publisher (what it offers) or subscription (what it requests).
type QoS struct {
	Reliable       bool // lost messages are sent again, as long as they are kept
	TransientLocal bool // late subscribers get the last Depth messages
	Depth          int  // messages kept; 0 keeps all, up to rtps.MaxHistoryDepth
	DeadlineNs     int64
	LifespanNs     int64
}

// The usual profiles. Reliable and SensorData are rclcpp's default and sensor-data profiles; Latched is for maps, static
// transforms and the robot description.
var (
	Reliable   = QoS{Reliable: true, Depth: 10}
	BestEffort = QoS{Depth: 10}
	SensorData = QoS{Depth: 5}
	Latched    = QoS{Reliable: true, TransientLocal: true, Depth: 1}
)

// KeepLast returns q with the given depth.
func (q QoS) KeepLast(n int) QoS {
	q.Depth = n
	return q
}

func (q QoS) rtps() rtps.QoS {
	r := rtps.QoS{Reliable: q.Reliable, Depth: q.Depth, DeadlineNs: q.DeadlineNs, LifespanNs: q.LifespanNs}
	if q.TransientLocal {
		r.Durability = rtps.TransientLocal
	}
	return r
}

func fromRTPS(r rtps.QoS) QoS {
	return QoS{
		Reliable: r.Reliable, TransientLocal: r.Durability >= rtps.TransientLocal, Depth: r.Depth,
		DeadlineNs: r.DeadlineNs, LifespanNs: r.LifespanNs,
	}
}
