// Command rosgen writes the Go packages of ROS 2 interface definitions; `go generate` calls it.
//
//	rosgen -idl DIR [-with DIR] -out DIR -import PATH
//
// Every package in DIR becomes a Go package under -out, imported as PATH/<package>. Packages in the -with tree may be named by
// the definitions; they are imported from robotd/ros2/msg.
package main

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"robotd/ros2/rosidl"
)

func main() {
	idl := flag.String("idl", "", "tree of <package>/msg/*.msg and <package>/srv/*.srv to write Go for")
	with := flag.String("with", "", "tree of definitions that those name")
	out := flag.String("out", "", "directory that gets one Go package a ROS package")
	imp := flag.String("import", "", "import path of -out")
	flag.Parse()
	if err := run(*idl, *with, *out, *imp); err != nil {
		fmt.Fprintln(os.Stderr, "rosgen:", err)
		os.Exit(1)
	}
}

func run(idl, with, out, imp string) error {
	if idl == "" || out == "" || imp == "" {
		return fmt.Errorf("-idl, -out and -import are needed")
	}
	var other fs.FS
	if with != "" {
		other = os.DirFS(with)
	}
	files, err := rosidl.Tree(os.DirFS(idl), other, imp)
	if err != nil {
		return err
	}
	for name, src := range files {
		path := filepath.Join(out, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, src, 0o644); err != nil {
			return err
		}
	}
	return nil
}
