package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"robotd/body"
	"robotd/body/robotfile"
)

func robotCommand(out *output) *cobra.Command {
	cmd := group("robot", "The body: export the default humanoid, check a robot file")
	cmd.AddCommand(exportCommand(out), checkCommand(out))
	return cmd
}

func exportCommand(out *output) *cobra.Command {
	var format, file string
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write the default humanoid as MJCF, URDF or SDF",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			text, err := robotfile.Export(body.Humanoid(), format)
			if err != nil {
				return &exitError{exitUsage, err}
			}
			if file != "" {
				if err := os.WriteFile(file, text, 0o644); err != nil {
					return err
				}
			}
			if out.json() {
				return out.print(cmd.OutOrStdout(), map[string]any{"format": format, "file": file, "bytes": len(text)})
			}
			if file == "" {
				_, err = cmd.OutOrStdout().Write(text)
			}
			return err
		},
	}
	cmd.Flags().StringVar(&format, "format", "mjcf", "mjcf, urdf or sdf")
	cmd.Flags().StringVar(&file, "file", "", "where to write it (default standard output)")
	return cmd
}

func checkCommand(out *output) *cobra.Command {
	return &cobra.Command{
		Use:   "check FILE",
		Short: "Is a URDF or MJCF humanoid sound, and what would robotd do with it",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			m, findings, err := robotfile.Load(args[0])
			if err != nil {
				return badInput(err)
			}
			var b strings.Builder
			fmt.Fprintf(&b, "%s: %d links, %d actuated joints, %.2f kg\n", m.Name, len(m.Links), m.NJoints(), m.MassKg())
			for _, f := range findings {
				fmt.Fprintln(&b, f)
			}
			return show(cmd.OutOrStdout(), out, map[string]any{"name": m.Name, "links": len(m.Links), "joints": m.NJoints(),
				"mass_kg": m.MassKg(), "findings": findings}, b.String())
		},
	}
}
