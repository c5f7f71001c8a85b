package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const help = `Onsale sells tickets for events whose demand is far larger than their supply, and no
seat twice.

To get to know it:

  onsale serve --seed               run it with demo data: the dashboard is on
                                    http://localhost:3000, the API on http://localhost:3001
  make race                         in its sources, while it runs: ten buyers race for two tickets
  onsale admin events               look at what is on sale, and how much of it is left
  onsale verify                     hold every event of the log, and the read tables, against the rules
  onsale projections rebuild --all  make the read tables anew from the log, while it sells

Settings come from the environment, and from a .env file in the working directory where the
environment says nothing; 'onsale config' shows them all. With no DATABASE_URL, Onsale runs a
private PostgreSQL of its own in the folder .onsale; the commands use that of a running serve,
and start it for themselves where there is none.

What a command finds goes to standard output, and is nothing but JSON with --json; what it does
meanwhile goes to standard error. There are colours and progress bars on terminals only, and
no colours with NO_COLOR. Ctrl-C stops everything cleanly, the second one at once.

Exit codes: 0 done, 1 failed, 2 used wrongly, 130 stopped before its end.`

// The groups of commands, in the order in which they are told.
const (
	groupRun   = "run"
	groupLook  = "look"
	groupAdmin = "admin"
	groupShell = "shell"
)

func rootCommand() *cobra.Command {
	cobra.EnableCommandSorting = false // they are told in the order in which one needs them
	root := &cobra.Command{
		Use:           "onsale",
		Short:         "Sell tickets that cannot be oversold",
		Long:          help,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.AddGroup(
		&cobra.Group{ID: groupRun, Title: "Run it:"},
		&cobra.Group{ID: groupLook, Title: "Look inside, and mend:"},
		&cobra.Group{ID: groupAdmin, Title: "Intervene:"},
		&cobra.Group{ID: groupShell, Title: "Get help:"},
	)
	add := func(group string, commands ...*cobra.Command) {
		for _, c := range commands {
			c.GroupID = group
		}
		root.AddCommand(commands...)
	}
	add(groupRun, serveCommand(), webCommand(), healthCommand(), migrateCommand(), seedCommand(), postgresCommand())
	add(groupLook, configCommand(), projectionsCommand(), verifyCommand(), versionCommand())
	add(groupAdmin, adminCommand())
	root.SetHelpCommandGroupID(groupShell)
	root.SetCompletionCommandGroupID(groupShell)
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	root.SetFlagErrorFunc(suggestFlag)
	root.Version = version()
	root.SetVersionTemplate("onsale {{.Version}}\n")
	teachHelp(root)
	return root
}

// teachHelp makes cobra's help command refuse what there is no help for: cobra would print its complaint, and exit with 0.
func teachHelp(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	for _, cmd := range root.Commands() {
		if cmd.Name() != "help" {
			continue
		}
		cmd.Example = examples("onsale help projections rebuild")
		cmd.Run = nil
		cmd.RunE = func(_ *cobra.Command, args []string) error {
			found, rest, err := root.Find(args)
			if err != nil {
				return err
			}
			if len(rest) > 0 {
				return unknown(found, rest[0])
			}
			found.InitDefaultHelpFlag()
			return found.Help()
		}
	}
}

// unknown is the error of a word that is none of the commands below cmd.
func unknown(cmd *cobra.Command, name string) error {
	return fmt.Errorf("unknown command %q for %q%s", name, cmd.CommandPath(), didYouMean("", cmd.SuggestionsFor(name)))
}

// A word is a text flag whose placeholder in the help is what: cobra would take one from the description, where completions show
// its quotes.
type word struct {
	to   *string
	what string
}

func (w *word) Set(text string) error { *w.to = text; return nil }
func (w *word) String() string {
	if w.to == nil { // pflag asks a zero one for the default
		return ""
	}
	return *w.to
}
func (w *word) Type() string { return w.what }

// examples are indented as the help is.
func examples(lines ...string) string { return "  " + strings.Join(lines, "\n  ") }

// group makes a command that only has others below it: without one of them it asks which.
func group(cmd *cobra.Command, question string) *cobra.Command {
	cmd.SuggestionsMinimumDistance = 2 // as cobra has it for those of the root
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		return unknown(cmd, args[0])
	}
	cmd.RunE = func(*cobra.Command, []string) error { return errors.New(question) }
	return cmd
}

// suggestFlag adds the flags that an unknown one may have been meant to be.
func suggestFlag(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return err
	}
	// Cobra knows what is near a command's name; flags are near as commands are.
	known := &cobra.Command{SuggestionsMinimumDistance: 2}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		known.AddCommand(&cobra.Command{Use: f.Name, Run: func(*cobra.Command, []string) {}})
	})
	return fmt.Errorf("%w%s", err, didYouMean("--", known.SuggestionsFor(unknown.GetSpecifiedName())))
}

func didYouMean(dashes string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "\n\nDid you mean this?\n\t" + dashes + strings.Join(names, "\n\t"+dashes)
}
