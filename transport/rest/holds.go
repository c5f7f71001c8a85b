package rest

import (
	"net/http"

	"onsale/command"
	"onsale/command/sale"
)

func (a *api) hold(c *call) error {
	in, key, err := seats(c)
	if err != nil {
		return err
	}
	receipt, err := a.Commands.Hold(c.r.Context(), command.Hold{
		EventID: in.EventID, SectionID: in.section(), Quantity: in.quantity(),
		Buyer: c.caller.UserID, IdempotencyKey: key, CorrelationID: c.id,
	})
	c.position(receipt.Position)
	if err != nil {
		return err
	}
	c.replayed(receipt)
	claim, event := receipt.Claim, receipt.Event
	return c.json(http.StatusCreated, HoldReceipt{
		Hold: Hold{
			ID: claim.ID, EventID: event.ID, SectionID: claim.Section, UserID: claim.Buyer,
			Status: holdStatusOf(claim.Status), Quantity: claim.Quantity,
			Amount: money(claim.Amount, event.Currency), Currency: event.Currency,
			CreatedAt: claim.CreatedAt, ExpiresAt: claim.ExpiresAt,
		},
		Event: eventCountOf(event),
	})
}

func holdStatusOf(s sale.Status) HoldStatus {
	switch s {
	case sale.Paying:
		return HoldStatusPAYING
	case sale.Confirmed:
		return HoldStatusCONFIRMED
	case sale.Cancelled:
		return HoldStatusCANCELLED
	default:
		return HoldStatusHELD
	}
}

func (a *api) confirmHold(c *call) error {
	id, err := c.pathID()
	if err != nil {
		return err
	}
	if len(c.body) > 0 {
		if _, err := decode[noFields](c); err != nil {
			return err
		}
	}
	receipt, err := a.Commands.ConfirmHold(c.r.Context(), command.ConfirmHold{HoldID: id, Buyer: c.caller.UserID, CorrelationID: c.id})
	c.position(receipt.Position)
	if err != nil {
		return err
	}
	return c.booked(receipt)
}

func (a *api) releaseHold(c *call) error {
	id, err := c.pathID()
	if err != nil {
		return err
	}
	receipt, err := a.Commands.ReleaseHold(c.r.Context(), command.ReleaseHold{HoldID: id, Buyer: c.caller.UserID, CorrelationID: c.id})
	c.position(receipt.Position)
	if err != nil {
		return err
	}
	return c.noContent()
}

func (a *api) listHolds(c *call) error {
	holds, err := a.Queries.Holds(c.r.Context(), c.caller.UserID, a.Clock())
	if err != nil {
		return err
	}
	list := HoldList{Data: make([]HoldDetails, 0, len(holds))}
	for _, h := range holds {
		list.Data = append(list.Data, HoldDetails{
			ID: h.ID, Status: HoldStatus(h.Status), Quantity: h.Quantity, Amount: money(h.Amount, h.Event.Currency), Currency: h.Event.Currency,
			CreatedAt: h.CreatedAt, ExpiresAt: h.ExpiresAt,
			Event: eventBriefOf(h.Event), Section: sectionBriefOf(h.Section, h.Event.Currency),
		})
	}
	return c.json(http.StatusOK, list)
}
