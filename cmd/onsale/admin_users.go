package main

import (
	"context"
	"fmt"
	"io"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"onsale/command/identity"
)

func setRoleCommand(asJSON *bool) *cobra.Command {
	var role string
	cmd := &cobra.Command{
		Use:   "user EMAIL --role ROLE",
		Short: "Make a user admin, or an admin a user",
		Long: "Give the account with this e-mail address a role. An admin sees and cancels everybody's\n" +
			"bookings. Sessions go on: the new role takes effect when the page refreshes its token,\n" +
			"within 15 minutes, or with the next log-in.",
		Example: examples(
			"onsale admin user buyer1@onsale.example --role admin",
			"onsale admin user buyer1@onsale.example --role user",
		),
		Args: cobra.ExactArgs(1),
	}
	roles := []string{string(identity.RoleAdmin), string(identity.RoleUser)}
	cmd.Flags().Var(&word{&role, "ROLE"}, "role", "admin or user")
	must(cmd.MarkFlagRequired("role"))
	must(cmd.RegisterFlagCompletionFunc("role", cobra.FixedCompletions(roles, cobra.ShellCompDirectiveNoFileComp)))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if role != roles[0] && role != roles[1] {
			return fmt.Errorf("--role is admin or user, not %q", role)
		}
		return withCoreOf(func(ctx context.Context, core *core, out io.Writer) error {
			return setRole(ctx, core.accounts, out, args[0], identity.Role(role), *asJSON)
		})(cmd, args)
	}
	return cmd
}

func setRole(ctx context.Context, accounts *identity.Service, out io.Writer, email string, role identity.Role, asJSON bool) error {
	user, changed, err := accounts.SetRole(ctx, email, role)
	if err != nil {
		return fmt.Errorf("%s: %w", email, err)
	}
	if asJSON {
		return printJSON(out, struct {
			ID      uuid.UUID     `json:"id"`
			Email   string        `json:"email"`
			Role    identity.Role `json:"role"`
			Changed bool          `json:"changed"`
		}{user.ID, user.Email, user.Role, changed})
	}
	if !changed {
		_, err = fmt.Fprintf(out, "%s has been %s before.\n", user.Email, role)
		return err
	}
	_, err = fmt.Fprintf(out, "%s is %s now: with the next token, within 15 minutes.\n", user.Email, role)
	return err
}
