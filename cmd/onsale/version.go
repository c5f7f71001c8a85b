package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"onsale/migrations"
)

func versionCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version of the program and of its database schema",
		Example: examples(
			"onsale version",
			"onsale version --json | jq -r .version",
		),
		Args: cobra.NoArgs,
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		v := struct {
			Version string `json:"version"`
			Schema  int32  `json:"schema"`
			Go      string `json:"go"`
		}{version(), migrations.Latest(), runtime.Version()}
		var err error
		if asJSON {
			err = printJSON(cmd.OutOrStdout(), v)
		} else {
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "onsale %s, schema %d, %s\n", v.Version, v.Schema, v.Go)
		}
		if err != nil {
			return &failure{err}
		}
		return nil
	}
	return cmd
}

// stamp is set by the linker where the toolchain sees no history, as in the build of an image.
var stamp string

// version is what was stamped at the build, or what the Go toolchain recorded: a tag, or a commit.
func version() string {
	if stamp != "" {
		return stamp
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	revision, modified := "", ""
	for _, setting := range info.Settings {
		switch {
		case setting.Key == "vcs.revision":
			revision = setting.Value[:min(12, len(setting.Value))]
		case setting.Key == "vcs.modified" && setting.Value == "true":
			modified = "+changes"
		}
	}
	if revision == "" {
		return info.Main.Version
	}
	return revision + modified
}
