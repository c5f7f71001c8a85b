package rest

import (
	"errors"
	"net/http"

	"onsale/command"
	"onsale/command/sale"
	"onsale/query"
)

func (a *api) listBookings(c *call) error {
	p := c.params()
	filter := query.BookingFilter{Paging: p.paging(50)}
	scope := p.choice("scope", "mine", "all")
	if err := p.err(); err != nil {
		return err
	}
	if scope == "all" {
		if !c.isAdmin() {
			return errForbidden
		}
		return a.bookings(c, filter, withBuyer)
	}
	filter.BuyerID = c.caller.UserID
	return a.bookings(c, filter, withoutBuyer)
}

// bookings answers with one page of the bookings that pass the filter.
func (a *api) bookings(c *call, filter query.BookingFilter, show visibility) error {
	found, err := a.Queries.Bookings(c.r.Context(), filter)
	if err != nil {
		return err
	}
	list := BookingPage{Data: make([]BookingDetails, 0, len(found.Bookings)), Meta: pageMeta(found.Total, filter.Paging)}
	for _, b := range found.Bookings {
		list.Data = append(list.Data, bookingDetailsOf(b, show))
	}
	return c.json(http.StatusOK, list)
}

// getBooking answers for somebody else's booking as for one that does not exist.
func (a *api) getBooking(c *call) error {
	id, err := c.pathID()
	if err != nil {
		return err
	}
	booking, err := a.Queries.Booking(c.r.Context(), id)
	switch {
	case errors.Is(err, query.ErrNotFound):
		return sale.ErrBookingNotFound
	case err != nil:
		return err
	case c.isAdmin():
		return c.json(http.StatusOK, bookingDetailsOf(booking, withBuyer))
	case booking.Buyer.ID != c.caller.UserID:
		return sale.ErrBookingNotFound
	}
	return c.json(http.StatusOK, bookingDetailsOf(booking, withoutBuyer))
}

func (a *api) cancelBooking(c *call) error {
	id, err := c.pathID()
	if err != nil {
		return err
	}
	receipt, err := a.Commands.CancelBooking(c.r.Context(), command.CancelBooking{
		BookingID: id, User: c.caller.UserID, Admin: c.isAdmin(), CorrelationID: c.id,
	})
	c.position(receipt.Position)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, bookingReceiptOf(receipt))
}
