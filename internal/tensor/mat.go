package tensor

import "fmt"

// Mat is a view of a row-major float32 matrix: element (i, j) is Data[i*Stride+j].
type Mat struct {
	Data       []float32
	Rows, Cols int
	Stride     int // floats from one row to the next, >= Cols
}

// Rows wraps a dense row-major buffer as a rows x cols matrix.
func Rows(data []float32, rows, cols int) Mat {
	return Mat{Data: data, Rows: rows, Cols: cols, Stride: cols}
}

// ColRange is the view of columns [from, from+cols) of m.
func (m Mat) ColRange(from, cols int) Mat {
	return Mat{Data: m.Data[from:], Rows: m.Rows, Cols: cols, Stride: m.Stride}
}

// Row is row i of m, Cols floats.
func (m Mat) Row(i int) []float32 {
	return m.Data[i*m.Stride : i*m.Stride+m.Cols : i*m.Stride+m.Cols]
}

// check panics when m cannot hold its own shape: a programmer's error, found before an unsafe kernel runs.
func (m Mat) check(who string) {
	if m.Rows < 0 || m.Cols < 0 || m.Stride < m.Cols {
		panic(fmt.Sprintf("tensor: %s: bad shape %d x %d, stride %d", who, m.Rows, m.Cols, m.Stride))
	}
	if m.Rows > 0 && m.Cols > 0 && len(m.Data) < (m.Rows-1)*m.Stride+m.Cols {
		panic(fmt.Sprintf("tensor: %s: %d x %d, stride %d needs %d floats, has %d", who,
			m.Rows, m.Cols, m.Stride, (m.Rows-1)*m.Stride+m.Cols, len(m.Data)))
	}
}
