// Package vision turns camera frames into tokens: a square frame is cut into patches, and each patch, flattened and
// scaled, is one token, as the patch embedding of a vision transformer expects them (Dosovitskiy et al., "An Image is
// Worth 16x16 Words", 2021, §3.1). The learned projection of the tokens is the encoder's, not this package's.
package vision

import (
	"fmt"

	"robotd/body"
)

// The frame and its patches: 8×8 patches of 8×8 pixels of three channels.
const (
	FrameSide  = 64                    // pixels
	PatchSide  = 8                     // pixels
	GridSide   = FrameSide / PatchSide // patches a row
	NTokens    = GridSide * GridSide
	TokenDim   = PatchSide * PatchSide * 3
	FrameBytes = FrameSide * FrameSide * 3

	mean, deviation = 0.5, 0.25 // of a channel, on the scale 0..1
)

// scaled maps a byte v to (v/255 − 0.5) / 0.25.
var scaled = func() (t [256]float32) {
	for v := range t {
		t[v] = float32((float64(v)/255 - mean) / deviation)
	}
	return t
}()

// TokenBytes cuts image, 64×64 RGB bytes, row-major from the top left, into out: NTokens tokens of TokenDim values,
// patches row by row, inside a patch row by row, channels red, green, blue together. It panics when image is shorter than
// FrameBytes or out shorter than NTokens·TokenDim, as an index out of range does.
func TokenBytes(image []byte, out []float32) {
	image, out = image[:FrameBytes], out[:NTokens*TokenDim]
	for y := 0; y < FrameSide; y++ {
		row := image[y*FrameSide*3 : (y+1)*FrameSide*3]
		for gx := 0; gx < GridSide; gx++ {
			src := row[gx*PatchSide*3 : (gx+1)*PatchSide*3]
			at := (y/PatchSide*GridSide+gx)*TokenDim + y%PatchSide*PatchSide*3
			dst := out[at : at+len(src)]
			for i, v := range src {
				dst[i] = scaled[v]
			}
		}
	}
}

// Tokenizer is the stage: frames in, tokens out. It holds nothing and allocates nothing.
type Tokenizer struct{}

// Tokens writes the tokens of img into out, NTokens×TokenDim float32, row-major. It refuses frames of another size and
// buffers of another length, and then leaves out alone.
func (Tokenizer) Tokens(img *body.Image, out []float32) error {
	switch {
	case img.Width != FrameSide || img.Height != FrameSide:
		return fmt.Errorf("camera frame of %d×%d pixels: the encoder sees %d×%d; set the camera to that size or resize the frame",
			img.Width, img.Height, FrameSide, FrameSide)
	case len(img.RGB) != FrameBytes:
		return fmt.Errorf("camera frame of %d bytes: %d×%d RGB has %d; is the picture in another encoding than rgb8?",
			len(img.RGB), FrameSide, FrameSide, FrameBytes)
	case len(out) != NTokens*TokenDim:
		return fmt.Errorf("token buffer of %d values: %d tokens of %d need %d", len(out), NTokens, TokenDim, NTokens*TokenDim)
	}
	TokenBytes(img.RGB, out)
	return nil
}
