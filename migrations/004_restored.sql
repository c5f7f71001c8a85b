-- A log can be restored to an older state, and then go on differently, under all that was made from it. So whatever stands
-- at a place in the log remembers, with the place, whose event it saw there: the command_id.

alter table projections add column last_command uuid; -- of the event at position; null: not known, and any is believed
update projections p set last_command = e.command_id from events e where e.position = p.position;

alter table snapshots add column last_command uuid; -- of the event at version; null: not known, and the snapshot is not used
update snapshots s set last_command = e.command_id from events e where e.stream = s.stream and e.version = s.version;

-- advance_projection moves a checkpoint as before, and only from and to events of the log: the one that it remembers is where it
-- remembers it, and p_command is whose event the one at p_to is. What is applied from memory may be of a log that is no more.
--
-- The transaction waits for the disk, unlike before: a node answers reads by how far it knows the tables to be, and with
-- synchronous_commit off a crash of the server would take them back behind that.
create function advance_projection(p_name text, p_version int, p_from bigint, p_to bigint, p_command uuid) returns void
language plpgsql
as $$
begin
    perform set_config('plan_cache_mode', 'force_generic_plan', true),
            set_config('enable_seqscan', 'off', true),
            set_config('enable_hashjoin', 'off', true),
            set_config('enable_mergejoin', 'off', true);
    update projections p
       set position = p_to, last_command = p_command
     where p.name = p_name and p.state = 'live' and p.version = p_version and p.position = p_from
       and (p_from = 0
            or exists (select from events e where e.position = p_from and e.command_id = coalesce(p.last_command, e.command_id)))
       and exists (select from events e where e.position = p_to and e.command_id = p_command);
    if not found then
        raise exception 'checkpoint_moved' using errcode = 'OS001';
    end if;
end
$$;

-- For nodes of the version before, which may still run.
create or replace function advance_projection(p_name text, p_version int, p_from bigint, p_to bigint) returns void
language sql
as $$
    select advance_projection(p_name, p_version, p_from, p_to, (select command_id from events where position = p_to));
$$;

-- append_events as before, and checks one thing more. p_last has for each stream the command of the event at the expected
-- version; the nil uuid, or nothing, where anybody's will do. A stream whose last event is of another command conflicts,
-- at whatever version it is. Nodes of the version before, which may still run, do not give it.
drop function append_events(uuid[], bigint[], uuid[], bigint[], text[], smallint[], jsonb[], jsonb[], uuid[], smallint[]);
create function append_events(
    p_streams      uuid[],
    p_expected     bigint[],
    e_streams      uuid[],
    e_versions     bigint[],
    e_types        text[],
    e_schemas      smallint[],
    e_data         jsonb[],
    e_metadata     jsonb[],
    e_command_ids  uuid[],
    e_command_idxs smallint[],
    p_last         uuid[] default null,
    out first_position    bigint,
    out recorded_at       timestamptz,
    out conflict_streams  uuid[],
    out conflict_versions bigint[]
)
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
begin
    if e_streams <> '{}' then
        perform pg_advisory_xact_lock(7311142570156650085); -- 'eventlne' as a number: the lane
    end if;

    select array_agg(s.stream), array_agg(s.version)
      into conflict_streams, conflict_versions
      from (select p.stream, p.expected, p.last, coalesce(l.version, 0) as version, l.command_id
              from unnest(p_streams, p_expected, p_last) as p (stream, expected, last)
              left join lateral (select e.version, e.command_id
                                   from events e
                                  where e.stream = p.stream
                                  order by e.version desc
                                  limit 1) as l on true) s
     where s.version <> s.expected
        or (s.command_id <> s.last and s.last <> '00000000-0000-0000-0000-000000000000');

    select coalesce(max(e.position), 0) + 1 into first_position from events e;
    recorded_at := clock_timestamp();

    insert into events (position, stream, version, type, schema, data, metadata, command_id, command_index, recorded_at)
    select first_position - 1 + row_number() over (order by e.ordinality),
           e.stream, e.version, e.type, e.schema, e.data, e.metadata, e.command_id, e.command_index,
           append_events.recorded_at
      from unnest(e_streams, e_versions, e_types, e_schemas, e_data, e_metadata, e_command_ids, e_command_idxs)
           with ordinality
           as e (stream, version, type, schema, data, metadata, command_id, command_index, ordinality)
     where conflict_streams is null
        or e.stream <> all (conflict_streams);
end
$$;
