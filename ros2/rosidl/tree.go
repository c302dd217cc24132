package rosidl

import (
	"io/fs"
	"path"
)

// The packages that generated code imports.
const (
	cdrPath = "robotd/ros2/cdr"
	msgPath = "robotd/ros2/msg"
)

// Tree writes the Go files of every package that idl defines: path under the output directory to content. The directory is
// imported as importPath. with, which may be nil, holds definitions that idl's name; their Go lies in robotd/ros2/msg.
func Tree(idl, with fs.FS, importPath string) (map[string][]byte, error) {
	own, err := fs.ReadDir(idl, ".")
	if err != nil {
		return nil, err
	}
	trees := []fs.FS{idl}
	if with != nil {
		trees = append(trees, with)
	}
	set, err := Load(trees...)
	if err != nil {
		return nil, err
	}
	here := map[string]bool{}
	for _, e := range own {
		if e.IsDir() {
			here[e.Name()] = true
		}
	}
	layout := Layout{CDR: cdrPath, Msg: msgPath, Import: func(pkg string) string {
		if here[pkg] {
			return path.Join(importPath, pkg)
		}
		return path.Join(msgPath, pkg)
	}}
	files := map[string][]byte{}
	for pkg := range here {
		out, err := set.Generate(pkg, layout)
		if err != nil {
			return nil, err
		}
		for name, src := range out {
			files[path.Join(pkg, name)] = src
		}
	}
	return files, nil
}
