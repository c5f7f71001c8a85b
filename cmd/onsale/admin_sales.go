package main

import (
	"context"
	"fmt"
	"io"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"onsale/command"
)

// publicReason warns of the one place where an operator's words get into the log.
const publicReason = "The reason stays in the log for good, where the organiser reads it: at most 200 characters,\n" +
	"and no names, addresses or other words about persons, for a log cannot forget them."

func closeSaleCommand(asJSON *bool) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use:   "close EVENT --reason TEXT",
		Short: "Close a sale: nothing more is sold",
		Long: "Close the sale of an event before its time, for good: it cannot be opened again. Buyers\n" +
			"are told that sales have been closed. Bookings stay, and can be cancelled. What is being\n" +
			"paid for at this moment is booked; other holds can no longer be paid, and run out by\n" +
			"themselves. Closing what is closed changes nothing.\n\n" + publicReason,
		Example: examples(`onsale admin close 01900000-0000-7000-8000-000000000001 --reason "The hall is flooded"`),
		Args:    cobra.ExactArgs(1),
	}
	addReason(cmd, &reason)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		event, err := idOf("EVENT", args[0])
		if err != nil {
			return err
		}
		return withCoreOf(func(ctx context.Context, core *core, out io.Writer) error {
			return closeSale(ctx, core.commands, out, event, reason, *asJSON)
		})(cmd, args)
	}
	return cmd
}

func addReason(cmd *cobra.Command, reason *string) {
	cmd.Flags().Var(&word{reason, "TEXT"}, "reason", "why, for the log: nothing personal")
	must(cmd.MarkFlagRequired("reason"))
}

func closeSale(ctx context.Context, commands *command.Handlers, out io.Writer, event uuid.UUID, reason string, asJSON bool) error {
	r, err := commands.CloseSale(ctx, command.CloseSale{EventID: event, Reason: reason, CorrelationID: byOperator})
	if err != nil {
		return fmt.Errorf("close %s: %w", event, err)
	}
	if asJSON {
		return printJSON(out, struct {
			EventID   uuid.UUID `json:"eventId"`
			Title     string    `json:"title"`
			Remaining int       `json:"remaining"`
			Version   int64     `json:"version"`
			Position  int64     `json:"position"`
			Changed   bool      `json:"changed"`
		}{r.Event.ID, r.Event.Title, r.Event.Remaining, r.Event.Version, r.Position, !r.Replayed})
	}
	if r.Replayed {
		_, err = fmt.Fprintf(out, "%q was closed before.\n", r.Event.Title)
		return err
	}
	_, err = fmt.Fprintf(out, "%q is closed. Seats left: %d.\n", r.Event.Title, r.Event.Remaining)
	return err
}

func cancelBookingCommand(asJSON *bool) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use:   "cancel BOOKING --reason TEXT",
		Short: "Cancel anybody's booking",
		Long: "Cancel a booking and return its seats; the buyer may book the event again. It is too late\n" +
			"once the event has started. A payment is not refunded by it.\n\n" + publicReason,
		Example: examples(`onsale admin cancel 0198f3a2-b6c4-7d1e-8a6b-7c8d9e0f1a2b --reason "Paid twice"`),
		Args:    cobra.ExactArgs(1),
	}
	addReason(cmd, &reason)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		booking, err := idOf("BOOKING", args[0])
		if err != nil {
			return err
		}
		return withCoreOf(func(ctx context.Context, core *core, out io.Writer) error {
			return cancelBooking(ctx, core.commands, out, booking, reason, *asJSON)
		})(cmd, args)
	}
	return cmd
}

func cancelBooking(ctx context.Context, commands *command.Handlers, out io.Writer, booking uuid.UUID, reason string, asJSON bool) error {
	r, err := commands.CancelBooking(ctx, command.CancelBooking{
		BookingID: booking, Admin: true, Reason: reason, CorrelationID: byOperator,
	})
	if err != nil {
		return fmt.Errorf("cancel %s: %w", booking, err)
	}
	if asJSON {
		return printJSON(out, struct {
			BookingID uuid.UUID `json:"bookingId"`
			EventID   uuid.UUID `json:"eventId"`
			Title     string    `json:"title"`
			Quantity  int       `json:"quantity"`
			Remaining int       `json:"remaining"`
			Version   int64     `json:"version"`
			Position  int64     `json:"position"`
		}{r.Claim.ID, r.Event.ID, r.Event.Title, r.Claim.Quantity, r.Event.Remaining, r.Event.Version, r.Position})
	}
	_, err = fmt.Fprintf(out, "Cancelled. Seats returned to %q: %d. Seats left: %d.\n", r.Event.Title, r.Claim.Quantity, r.Event.Remaining)
	return err
}
