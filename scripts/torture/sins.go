package main

import (
	"context"
	"errors"
)

// A sin is a fault of the program itself, made on purpose, to see that it is caught.
type sin string

const (
	noSin   sin = ""
	noFence sin = "fence" // appends do not check the version that they follow
	oneLost sin = "lost"  // an acknowledged booking is not in the log
	// Read tables do not wait for the disk, so that a crash of PostgreSQL takes them back behind what nodes believe them to be.
	forgetful sin = "tables"
)

var sins = []sin{noSin, noFence, oneLost, forgetful}

// catchers are those who all have to find it. Others may.
func (s sin) catchers() []finder {
	switch s {
	case noFence, oneLost:
		return []finder{byPorcupine, byVerify}
	case forgetful:
		return []finder{byRead}
	default:
		return nil
	}
}

// withoutFence has the log take whatever it is given: append_events forgets the conflicts it finds, and the key that would
// judge is gone. Versions may come twice then; a node whose memory is old does not notice, and sells what was sold.
const withoutFence = `
do $$
declare
    whole  text;
    broken text;
begin
    alter table events drop constraint events_stream_version_key;
    create index events_stream_version on events (stream, version);
    for whole in select pg_get_functiondef(oid) from pg_proc where proname = 'append_events' loop
        broken := replace(whole, 'select coalesce(max(e.position)',
                          'conflict_streams := null; conflict_versions := null; select coalesce(max(e.position)');
        if broken = whole then
            raise exception 'append_events is not as it was: its fence cannot be taken away';
        end if;
        execute broken;
    end loop;
end
$$`

// withoutDisk has checkpoints, and the tables with them, moved by transactions that are told to be done before they are safe.
const withoutDisk = `
do $$
declare
    whole  text;
    broken text;
begin
    for whole in select pg_get_functiondef(oid) from pg_proc where proname = 'advance_projection'
                    and prolang = (select oid from pg_language where lanname = 'plpgsql') loop
        broken := replace(whole, 'perform set_config(', 'perform set_config(''synchronous_commit'', ''off'', true), set_config(');
        if broken = whole then
            raise exception 'advance_projection is not as it was: it cannot be kept from waiting for the disk';
        end if;
        execute broken;
    end loop;
end
$$`

// lazyWriter keeps PostgreSQL from writing what nobody waits for five times a second, so that more crashes come before it has.
const lazyWriter = "alter system set wal_writer_delay = '10s'"

// prepare commits the sins that have to be there before the clients come.
func (s sin) prepare(ctx context.Context, r *round) error {
	switch s {
	case noFence:
		return r.database.exec(ctx, r.setup.database, withoutFence)
	case forgetful:
		for _, sql := range []string{withoutDisk, lazyWriter, "select pg_reload_conf()"} {
			if err := r.database.exec(ctx, r.setup.database, sql); err != nil {
				return err
			}
		}
		return nil
	default:
		return nil
	}
}

// newestBookings are bookings after which nothing happened in their sale: without them the log is consistent.
const newestBookings = `
select position, data->>'booking' from events e
 where type = 'booking.confirmed.v1' and version = (select max(version) from events where stream = e.stream)`

// commit commits the sins that come after the clients have gone.
func (s sin) commit(ctx context.Context, r *round) error {
	if s != oneLost {
		return nil
	}
	conn, err := r.database.connect(ctx, r.setup.database)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	told := make(map[string]bool)
	for _, c := range r.crowd.calls {
		if c.Answer.Verdict == acknowledged && (c.What == book || c.What == confirm) {
			told[c.Answer.Claim] = true
		}
	}
	rows, err := conn.Query(ctx, newestBookings)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var position int64
		var booking string
		if err := rows.Scan(&position, &booking); err != nil {
			return err
		}
		if told[booking] {
			rows.Close()
			_, err := conn.Exec(ctx, "delete from events where position = $1", position)
			return err
		}
	}
	return errors.Join(rows.Err(), errors.New("no acknowledged booking is the last event of its sale: take another seed"))
}
