package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
)

// A stock is a log that is filled beforehand, by the database itself: so many sales, opened one after another, and then
// bookings of them in turn. Of ten events six are bookings, then there is one that is cancelled in the end, a hold, and the
// booking it becomes. It is what Onsale would have recorded, and verify finds nothing wrong with it.
type stock struct {
	sales, events int
	// known says that the read tables are not to be made from it: their checkpoints are put at its end. The one that grows as
	// the log does, of bookings, is filled here instead, for its size too is what makes a system slow.
	known bool
}

// sale is the id of one of the stock's sales: 0, 1, 2, …
func (stock) sale(i int) uuid.UUID {
	return uuid.MustParse(fmt.Sprintf("01930000-0000-7000-8000-%012x", i))
}

// fill fills the log of a database that has been migrated and has no events, and the table of bookings at the same time.
func (s stock) fill(ctx context.Context, database string) error {
	group, all := errgroup.WithContext(ctx)
	group.Go(func() error { return s.insert(all, database, "events", stockSalesSQL, stockBookingsSQL) })
	if s.known {
		group.Go(func() error { return s.insert(all, database, "bookings.bookings", stockTableSQL) })
	}
	err := group.Wait()
	if err == nil && s.known {
		err = execute(ctx, database, fmt.Sprintf("update projections set position = %d", s.events))
	}
	if err != nil {
		return fmt.Errorf("fill the log with %d events: %w", s.events, err)
	}
	return nil
}

// insert fills one table by statements that take the number of sales and that of all events.
func (s stock) insert(ctx context.Context, database, table string, statements ...string) error {
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "set maintenance_work_mem = '256MB'; set synchronous_commit = off;"+stockFunctions); err != nil {
		return err
	}
	return unindexed(ctx, conn, table, func() error {
		for _, sql := range statements {
			if _, err := conn.Exec(ctx, sql, s.sales, s.events); err != nil {
				return err
			}
		}
		return nil
	})
}

const indexesSQL = `
select i.indexrelid::regclass::text, coalesce(c.conname, ''), coalesce(pg_get_constraintdef(c.oid), pg_get_indexdef(i.indexrelid))
  from pg_index i
  left join pg_constraint c on c.conindid = i.indexrelid and c.conrelid = i.indrelid
 where i.indrelid = $1::regclass`

// unindexed fills a table while it has no indexes, and makes them afterwards: in half the time.
func unindexed(ctx context.Context, conn *pgx.Conn, table string, fill func() error) error {
	rows, err := conn.Query(ctx, indexesSQL, table)
	if err != nil {
		return err
	}
	var drop, remake []string
	var index, constraint, definition string
	_, err = pgx.ForEachRow(rows, []any{&index, &constraint, &definition}, func() error {
		if constraint != "" {
			drop = append(drop, "alter table "+table+" drop constraint "+constraint)
			remake = append(remake, "alter table "+table+" add constraint "+constraint+" "+definition)
		} else {
			drop, remake = append(drop, "drop index "+index), append(remake, definition)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, strings.Join(drop, ";")); err != nil {
		return err
	}
	if err := fill(); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, strings.Join(remake, ";")); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "vacuum (analyze) "+table)
	return err
}

// stockFunctions are gone with the session. The ids are as ordered as real ones: buyers come in no order, all else as it is
// made.
const stockFunctions = `
create function pg_temp.id(kind text, i bigint) returns text language sql immutable as
$$ select kind || lpad(to_hex(i), 12, '0') $$;
create function pg_temp.sale(i bigint) returns text language sql immutable as
$$ select pg_temp.id('01930000-0000-7000-8000-', i) $$;
create function pg_temp.section(i bigint) returns text language sql immutable as
$$ select pg_temp.id('01930000-0000-7001-8000-', i) $$;
create function pg_temp.claim(i bigint) returns text language sql immutable as
$$ select pg_temp.id('01940000-0000-7000-8000-', i) $$;
create function pg_temp.command(i bigint) returns uuid language sql immutable as
$$ select pg_temp.id('01940000-0000-7001-8000-', i)::uuid $$;
create function pg_temp.buyer(i bigint) returns text language sql immutable as
$$ select pg_temp.id(lpad(to_hex(i * 2654435761 & 4294967295), 8, '0') || '-0000-4000-8000-', i) $$;`

const stockSalesSQL = `
insert into events (position, stream, version, type, schema, data, metadata, command_id, command_index, recorded_at)
select i + 1, pg_temp.sale(i)::uuid, 1, 'sale.opened.v1', 1,
       jsonb_build_object('organizer', pg_temp.buyer(0), 'title', 'Evening ' || i, 'venue', 'Hall ' || i % 40, 'currency', 'EUR',
                          'startsAt', timestamptz '2040-01-01 20:00Z' + i % 300 * interval '1 day', 'at', timestamptz '2025-01-01 00:00Z',
                          'sections', jsonb_build_array(jsonb_build_object(
                              'id', pg_temp.section(i), 'name', 'Floor', 'price', 4900, 'capacity', 10000000, 'onSale', 10000000))),
       jsonb_build_object('user', pg_temp.buyer(0), 'correlation', md5('sale ' || i)),
       pg_temp.command(i), 0, timestamptz '2025-01-01 00:00Z'
  from generate_series(0, least($1::bigint, $2::bigint) - 1) as i`

// A claim has the number of the event that begins it.
const stockBookingsSQL = `
insert into events (position, stream, version, type, schema, data, metadata, command_id, command_index, recorded_at)
select $1 + i + 1, pg_temp.sale(i / 10 % $1)::uuid, i / 10 / $1 * 10 + i % 10 + 2,
       case i % 10 when 7 then 'seats.held.v1' when 9 then 'booking.cancelled.v1' else 'booking.confirmed.v1' end, 1,
       (case i % 10 when 7 then '{"hold":"' else '{"booking":"' end || pg_temp.claim(claim)
        || '","buyer":"' || pg_temp.buyer(claim) || '","section":"' || pg_temp.section(i / 10 % $1) || '","quantity":1,"amount":4900'
        || case i % 10 when 7 then ',"expiresAt":"2040-01-01T00:00:00Z"'
                       when 8 then ',"fromHold":true'
                       when 9 then ',"by":"' || pg_temp.buyer(claim) || '"'
                       else '' end
        || ',"at":"' || to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"}')::jsonb,
       ('{"user":"' || pg_temp.buyer(claim) || '","correlation":"' || pg_temp.claim(i) || '"}')::jsonb,
       pg_temp.command($1 + i), 0, at
  from (select i, case i % 10 when 8 then i - 1 when 9 then i - 3 else i end as claim,
               timestamptz '2025-01-01 00:00:01Z' + i * interval '1 millisecond' as at
          from generate_series(0, $2::bigint - $1::bigint - 1) as i) as made`

// stockTableSQL is right where the number of events is that of the sales and whole tens.
const stockTableSQL = `
insert into bookings.bookings (id, event_id, section_id, buyer, quantity, amount, status, created_at, confirmed_at, cancelled_at)
select pg_temp.claim(i)::uuid, pg_temp.sale(i / 10 % $1)::uuid, pg_temp.section(i / 10 % $1)::uuid, pg_temp.buyer(i)::uuid, 1, 4900,
       case i % 10 when 6 then 'CANCELLED' else 'CONFIRMED' end, at, at + i % 10 / 7 * interval '1 millisecond',
       case i % 10 when 6 then at + interval '3 milliseconds' end
  from (select i, timestamptz '2025-01-01 00:00:01Z' + i * interval '1 millisecond' as at
          from generate_series(0, $2::bigint - $1::bigint - 1) as i where i % 10 < 8) as made`
