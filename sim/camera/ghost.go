package camera

// colGhost is the colour of the robot that a plan means to become.
var colGhost = [3]uint8{64, 196, 255}

// drawGhost draws the ghost into buffers of its own and lays it over the frame once a pixel, so that its own limbs do
// not shine through one another.
func (r *Renderer) drawGhost(scene *Scene) {
	copy(r.ghost, r.depth)
	copy(r.tint, r.rgb)
	rgb := r.rgb
	r.rgb, r.z = r.tint, r.ghost
	r.robot(scene.GhostPos, scene.GhostRot, nil, &colGhost)
	r.rgb, r.z = rgb, r.depth
	for i, v := range r.tint {
		old := float32(rgb[i])
		rgb[i] = byte(old + ghostMix*(float32(v)-old))
	}
}
