package main

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"onsale/command"
	"onsale/command/sale"
	"onsale/transport/rest"
)

// baselineTables have just what booking needs, and the one index beside the keys that judges who has booked already. There is no
// foreign key, which would only slow them down.
const baselineTables = `
CREATE TABLE sales (
    id        uuid   PRIMARY KEY,
    title     text   NOT NULL,
    currency  text   NOT NULL,
    price     bigint NOT NULL,
    remaining int    NOT NULL CHECK (remaining >= 0)
);
CREATE TABLE bookings (
    id         uuid        PRIMARY KEY,
    sale       uuid        NOT NULL,
    buyer      uuid        NOT NULL,
    quantity   int         NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT bookings_sale_buyer_key UNIQUE (sale, buyer)
)`

// noop answers every booking with a constant: what the router, the token check and JSON cost. No server behind the same HTTP
// can be faster.
type noop struct {
	rest.Commands // of the others there is none
	receipt       command.Receipt
}

func newNoop() noop {
	s := saleRow{title: "Event", currency: "EUR", price: 4900, remaining: 1000}
	return noop{receipt: s.receipt(command.Book{EventID: uuid.New(), Buyer: uuid.New(), Quantity: 1}, uuid.New(), time.Now())}
}

func (n noop) Book(context.Context, command.Book) (command.Receipt, error) { return n.receipt, nil }

// tables is what the two ways in plain SQL have in common. pgx prepares each statement once a connection.
type tables struct {
	rest.Commands // of the others there is none
	pool          *pgxpool.Pool
}

// CreateEvent puts one section's tickets on sale.
func (t tables) CreateEvent(ctx context.Context, c command.CreateEvent) (command.Receipt, error) {
	id, section := uuid.Must(uuid.NewV7()), c.Sections[0]
	_, err := t.pool.Exec(ctx, "INSERT INTO sales (id, title, currency, price, remaining) VALUES ($1, $2, $3, $4, $5)",
		id, c.Title, c.Currency, section.Price, section.Remaining)
	return command.Receipt{Event: sale.Summary{
		ID: id, Title: c.Title, Currency: c.Currency, Remaining: section.Remaining,
		Sections: []sale.Section{{ID: id, Name: section.Name, Price: section.Price, Capacity: section.Capacity, Remaining: section.Remaining}},
	}}, err
}

// saleRow is a row of sales, but for its id.
type saleRow struct {
	title, currency string
	price           int64
	remaining       int // after the booking
}

// receipt is the answer to a booking.
func (s saleRow) receipt(b command.Book, booking uuid.UUID, now time.Time) command.Receipt {
	return command.Receipt{
		Claim: sale.Claim{
			ID: booking, Buyer: b.Buyer, Status: sale.Confirmed, CreatedAt: now, ConfirmedAt: now,
			Seats: sale.Seats{Section: b.EventID, Quantity: b.Quantity, Amount: s.price * int64(b.Quantity)},
		},
		Event: sale.Summary{ID: b.EventID, Title: s.title, Currency: s.currency, Remaining: s.remaining},
	}
}

// forUpdate books as the textbook has it: lock the event's row, look, take, write, commit.
type forUpdate struct{ tables }

func (f forUpdate) Book(ctx context.Context, b command.Book) (r command.Receipt, err error) {
	err = pgx.BeginTxFunc(ctx, f.pool, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, func(tx pgx.Tx) error {
		var s saleRow
		err := tx.QueryRow(ctx, "SELECT title, currency, price, remaining FROM sales WHERE id = $1 FOR UPDATE", b.EventID).
			Scan(&s.title, &s.currency, &s.price, &s.remaining)
		if errors.Is(err, pgx.ErrNoRows) {
			return sale.ErrEventNotFound
		}
		if err != nil {
			return err
		}
		var booked bool
		err = tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM bookings WHERE sale = $1 AND buyer = $2)", b.EventID, b.Buyer).Scan(&booked)
		switch {
		case err != nil:
			return err
		case booked:
			return sale.ErrAlreadyBooked
		case s.remaining < b.Quantity:
			return sale.ErrSoldOut
		}
		if _, err := tx.Exec(ctx, "UPDATE sales SET remaining = remaining - $2 WHERE id = $1", b.EventID, b.Quantity); err != nil {
			return err
		}
		id, now := uuid.Must(uuid.NewV7()), time.Now()
		_, err = tx.Exec(ctx, "INSERT INTO bookings (id, sale, buyer, quantity, created_at) VALUES ($1, $2, $3, $4, $5)",
			id, b.EventID, b.Buyer, b.Quantity, now)
		s.remaining -= b.Quantity
		r = s.receipt(b, id, now)
		return err
	})
	return r, err
}

// statement books in one statement, which takes and writes: the best that a lock on the row can do.
type statement struct{ tables }

const takeAndWrite = `
WITH taken AS (
    UPDATE sales SET remaining = remaining - $4 WHERE id = $2 AND remaining >= $4
    RETURNING title, currency, price, remaining
), booked AS (
    INSERT INTO bookings (id, sale, buyer, quantity, created_at) SELECT $1, $2, $3, $4, $5 FROM taken
)
SELECT title, currency, price, remaining FROM taken`

func (s statement) Book(ctx context.Context, b command.Book) (command.Receipt, error) {
	var row saleRow
	id, now := uuid.Must(uuid.NewV7()), time.Now()
	err := s.pool.QueryRow(ctx, takeAndWrite, id, b.EventID, b.Buyer, b.Quantity, now).
		Scan(&row.title, &row.currency, &row.price, &row.remaining)
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.ConstraintName == "bookings_sale_buyer_key" {
		return command.Receipt{}, sale.ErrAlreadyBooked
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return command.Receipt{}, sale.ErrSoldOut
	}
	return row.receipt(b, id, now), err
}
