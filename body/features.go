package body

// Features are the scaled balance quantities that the world model reads out and the costs weigh: deviations from quiet
// standing, brought to order one. Feature i = Scale · (quantity − standing value).
const (
	FeatCaptureX = iota
	FeatCaptureY
	FeatComX
	FeatComY
	FeatVelX
	FeatVelY
	FeatVelZ
	FeatChestX
	FeatChestY
	FeatChestZ
	FeatPelvisX
	FeatPelvisY
	FeatPelvisHeight
	FeatComHeight
	FeatLeftFootX
	FeatLeftFootY
	FeatRightFootX
	FeatRightFootY
	FeatLeftSole
	FeatRightSole
	FeatLeftLoad
	FeatRightLoad
	NFeatures
)

// Feature describes one read-out: physical value = reading/Scale + standing value.
type Feature struct {
	Name  string
	Unit  string
	Scale float64
}

// FeatureTable lists the features in the order of the constants.
var FeatureTable = [NFeatures]Feature{
	FeatCaptureX: {"capture_x", "m", 10}, FeatCaptureY: {"capture_y", "m", 10},
	FeatComX: {"com_x", "m", 10}, FeatComY: {"com_y", "m", 10},
	FeatVelX: {"com_vel_x", "m/s", 3}, FeatVelY: {"com_vel_y", "m/s", 3}, FeatVelZ: {"com_vel_z", "m/s", 3},
	FeatChestX: {"chest_up_x", "1", 4}, FeatChestY: {"chest_up_y", "1", 4}, FeatChestZ: {"chest_up_z", "1", 4},
	FeatPelvisX: {"pelvis_up_x", "1", 4}, FeatPelvisY: {"pelvis_up_y", "1", 4},
	FeatPelvisHeight: {"pelvis_height", "m", 15}, FeatComHeight: {"com_height", "m", 15},
	FeatLeftFootX: {"left_foot_x", "m", 8}, FeatLeftFootY: {"left_foot_y", "m", 8},
	FeatRightFootX: {"right_foot_x", "m", 8}, FeatRightFootY: {"right_foot_y", "m", 8},
	FeatLeftSole: {"left_sole_height", "m", 20}, FeatRightSole: {"right_sole_height", "m", 20},
	FeatLeftLoad: {"left_load", "N", 0.01}, FeatRightLoad: {"right_load", "N", 0.01},
}

// Quantities writes the features' physical values, unscaled, in table order.
func (b *Balance) Quantities() [NFeatures]float64 {
	return [NFeatures]float64{
		b.CaptureM[0], b.CaptureM[1], b.ComM[0], b.ComM[1], b.ComVelMS[0], b.ComVelMS[1], b.ComVelMS[2],
		b.ChestUp[0], b.ChestUp[1], b.ChestUp[2], b.PelvisUp[0], b.PelvisUp[1], b.PelvisHeightM, b.ComM[2],
		b.FootM[Left][0], b.FootM[Left][1], b.FootM[Right][0], b.FootM[Right][1],
		b.SoleHeightM[Left], b.SoleHeightM[Right], b.LoadN[Left], b.LoadN[Right],
	}
}

// Scaled writes the scaled features of b against the standing values into out, NFeatures long.
func (b *Balance) Scaled(standing *[NFeatures]float64, out []float32) {
	for i, v := range b.Quantities() {
		out[i] = float32(FeatureTable[i].Scale * (v - standing[i]))
	}
}

// Upright reports whether a robot in this posture has not fallen: pelvis above 0.6 of its standing height over the lower
// sole, chest within 45.6° of vertical (z ≥ 0.7), pelvis within 60° (z ≥ 0.5).
func (b *Balance) Upright(standHeightM float64) bool {
	return b.PelvisHeightM > 0.6*standHeightM && b.ChestUp[2] >= 0.7 && b.PelvisUp[2] >= 0.5
}

// MirroredFeatures says how the features look in the sagittal plane of a body with equal halves: feature i is there sign[i] times
// feature from[i].
func MirroredFeatures() (from [NFeatures]int, sign [NFeatures]float32) {
	for i := range from {
		from[i], sign[i] = i, 1
	}
	for _, i := range []int{FeatCaptureY, FeatComY, FeatVelY, FeatChestY, FeatPelvisY, FeatLeftFootY, FeatRightFootY} {
		sign[i] = -1
	}
	for _, p := range [][2]int{{FeatLeftFootX, FeatRightFootX}, {FeatLeftFootY, FeatRightFootY}, {FeatLeftSole, FeatRightSole}, {FeatLeftLoad, FeatRightLoad}} {
		from[p[0]], from[p[1]] = p[1], p[0]
	}
	return from, sign
}
