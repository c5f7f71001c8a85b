package main

import (
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"onsale/cmd/internal/config"
)

func configCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Print every setting, and where its value came from",
		Long: "Print every setting as it is in effect, and where its value came from: the environment,\n" +
			"the .env file in the working directory, or the default. Secrets, and passwords in\n" +
			"addresses, are masked. The exit code is 1 when a setting is wrong, and what is wrong\n" +
			"stands beside it.",
		Example: examples(
			"onsale config",
			"onsale config --json | jq -r '.settings[] | select(.source != \"default\") | .name'",
		),
		Args: cobra.NoArgs,
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		explained, err := config.Explain()
		if err == nil && asJSON {
			err = printJSON(cmd.OutOrStdout(), explained)
		} else if err == nil {
			err = printConfig(cmd.OutOrStdout(), explained)
		}
		if err == nil && len(explained.Problems) > 0 {
			err = errors.New("some settings are wrong")
		}
		if err != nil {
			return &failure{err}
		}
		return nil
	}
	return cmd
}

func printConfig(out io.Writer, explained config.Explanation) error {
	colours := paletteOf(out)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SETTING\tFROM\tVALUE")
	for _, s := range explained.Settings {
		value := s.Value
		if value == "" {
			value = "(" + s.Unset + ")"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", s.Name, s.Source, value)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for i, problem := range explained.Problems {
		if i == 0 {
			fmt.Fprintln(out, "\nWrong:")
		}
		if _, err := fmt.Fprintf(out, "  %s\n", colours.red(problem)); err != nil {
			return err
		}
	}
	return nil
}
