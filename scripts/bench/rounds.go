package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// orchestrate measures what was asked for, and tells.
func orchestrate(ctx context.Context, o options, out, log io.Writer) (err error) {
	rows := o.choose(allRows(o.settings))
	if len(rows) == 0 {
		return &usageError{errors.New("there is no such row")}
	}
	if err := o.promise(rows); err != nil {
		return &usageError{err}
	}
	fmt.Fprintln(log, "building onsale, starting PostgreSQL")
	l, err := openLab(ctx, o.settings)
	defer func() { err = errors.Join(err, l.close()) }()
	if err != nil {
		return err
	}
	r := &report{Date: time.Now().UTC().Truncate(time.Second), Settings: o.settings}
	if r.Machine, err = l.describe(ctx); err != nil {
		return err
	}
	if r.Version, err = l.version(ctx); err != nil {
		return err
	}
	if err := r.measure(ctx, l, rows, log); err != nil {
		return err
	}
	r.Verdicts = judge(r, targets)
	r.print(out)
	if o.json != "" {
		err = r.write(o.json)
	}
	if o.plots != "" {
		err = errors.Join(err, plot(r, o.plots))
	}
	return errors.Join(err, r.failed())
}

// choose returns the rows that the command line asks for.
func (o options) choose(rows []row) []row {
	return slices.DeleteFunc(rows, func(r row) bool {
		return o.Overload != (r.group == groupOverload) || o.quick && !r.quick || !o.only.MatchString(r.name)
	})
}

// measure has each group's rows measured in rounds, every second one backwards, so that no row is always late, or after the same other
// one. It fails when ctx ends. A row that fails is told in the report, and not measured again; a server that does not stop as it should
// is told in the log.
func (r *report) measure(ctx context.Context, l *lab, rows []row, log io.Writer) error {
	for _, row := range rows {
		r.Rows = append(r.Rows, result{Name: row.name, Group: row.group, Against: row.against})
	}
	for first, next := 0, 0; first < len(rows); first = next {
		for next = first; next < len(rows) && rows[next].group == rows[first].group; next++ {
		}
		for round := range l.Rounds {
			for at := range next - first {
				i := first + at
				if round%2 == 1 {
					i = next - 1 - at
				}
				if err := r.cell(ctx, l, rows[i], &r.Rows[i], round, log); err != nil {
					return err
				}
			}
		}
		if err := l.clear(); err != nil { // what it answered has been measured
			fmt.Fprintln(log, err)
		}
	}
	return nil
}

// cell measures one row in one round.
func (r *report) cell(ctx context.Context, l *lab, row row, into *result, round int, log io.Writer) error {
	if into.Error != "" {
		return nil
	}
	began := time.Now()
	m, err := row.run(ctx, l)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		into.Error = err.Error()
		fmt.Fprintf(log, "%s %d/%d: %v\n", row.group, round+1, l.Rounds, err)
		return nil
	}
	into.Rounds = append(into.Rounds, m)
	fmt.Fprintf(log, "%s %d/%d: %s: %s/s %s (%.1f s)\n", row.group, round+1, l.Rounds, row.name, number(m.Rate), values(m.Values), time.Since(began).Seconds())
	return nil
}

// failed is the error of the rows that failed.
func (r *report) failed() error {
	var problems []error
	for _, row := range r.Rows {
		if row.Error != "" {
			problems = append(problems, fmt.Errorf("%s: %s", row.Name, row.Error))
		}
	}
	return errors.Join(problems...)
}
