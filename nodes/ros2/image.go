package ros2

import (
	"fmt"

	"robotd/body"
	"robotd/ros2/msg/sensor_msgs"
)

// channels gives, for the encodings that are read, the bytes a pixel and where red, green and blue stand in them.
var channels = map[string]struct {
	bytes   int
	r, g, b int
}{
	"rgb8": {3, 0, 1, 2}, "bgr8": {3, 2, 1, 0}, "rgba8": {4, 0, 1, 2}, "bgra8": {4, 2, 1, 0}, "mono8": {1, 0, 0, 0},
}

// maxPixels bounds what a message may make us allocate: 16 megapixels.
const maxPixels = 1 << 24

// readImage copies a picture into out, whose memory is used again. out is as it was when an error is returned.
func readImage(m *sensor_msgs.Image, out *body.Image) error {
	c, ok := channels[m.Encoding]
	if !ok {
		return fmt.Errorf("image encoding %q: publish rgb8, bgr8, rgba8, bgra8 or mono8", m.Encoding)
	}
	w, h, step := int64(m.Width), int64(m.Height), int64(m.Step)
	if w == 0 || h == 0 || w*h > maxPixels || step < w*int64(c.bytes) || int64(len(m.Data)) < step*(h-1)+w*int64(c.bytes) {
		return fmt.Errorf("image of %d×%d pixels, step %d, %d bytes: the sizes do not fit together", w, h, step, len(m.Data))
	}
	stamp, ok := fromTime(m.Header.Stamp)
	if !ok {
		return fmt.Errorf("image stamp %d s %d ns is no time", m.Header.Stamp.Sec, m.Header.Stamp.Nanosec)
	}
	size := int(3 * w * h)
	if cap(out.RGB) < size {
		out.RGB = make([]byte, size)
	}
	out.RGB, out.Width, out.Height, out.StampNs = out.RGB[:size], int(w), int(h), stamp
	at := 0
	for y := int64(0); y < h; y++ {
		row := m.Data[y*step : y*step+w*int64(c.bytes)]
		if m.Encoding == "rgb8" {
			at += copy(out.RGB[at:], row)
			continue
		}
		for i := 0; i < len(row); i += c.bytes {
			out.RGB[at], out.RGB[at+1], out.RGB[at+2] = row[i+c.r], row[i+c.g], row[i+c.b]
			at += 3
		}
	}
	return nil
}
