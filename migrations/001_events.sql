-- The log: every fact of every sale, in one order. It is the only truth; all else is made from it.

create table events (
    position      bigint      not null, -- place in the whole log: 1, 2, 3, … without gaps
    stream        uuid        not null, -- the sale
    version       bigint      not null, -- place in its stream: 1, 2, 3, …
    type          text        not null,
    schema        smallint    not null, -- revision of the shape of data, for upcasting on decode
    data          jsonb       not null,
    metadata      jsonb       not null,
    command_id    uuid        not null, -- UUIDv7: a random key here costs a third of the append rate
    command_index smallint    not null, -- which of its command's events this is: 0, 1, …
    recorded_at   timestamptz not null,

    constraint events_pkey primary key (position),
    -- The judge of every race. Nothing else is trusted above it.
    constraint events_stream_version_key unique (stream, version),
    -- What became of a command, when the reply to its append was lost.
    constraint events_command_key unique (command_id, command_index)
);

-- append_events appends events to many streams as one statement, so that no client round trip ever
-- happens while it holds the lane.
--
--   p_streams, p_expected   each stream once, and the version its new events follow; a stream may come
--                           without events, to be checked only
--   e_*                     one element per event, in the order in which they take their positions
--
-- Streams that are not where they were expected conflict: nothing of theirs is appended, and each is
-- returned with the version it really has. The events of the others take the positions from
-- first_position on, in the given order, without gaps. Without any events it only checks.
--
-- The lane is one advisory lock, held until the commit is visible. So positions become visible in order:
-- whoever has read position N can never find a later arrival at or below N. A mere check does not wait for it.
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
    out first_position    bigint,
    out recorded_at       timestamptz,
    out conflict_streams  uuid[],
    out conflict_versions bigint[]
)
language plpgsql
-- One plan for all appends, and by the indexes: to plan each anew takes longer than the work of a small one, and a plan
-- made while the table was small must not scan it when it is large.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
begin
    if e_streams <> '{}' then
        perform pg_advisory_xact_lock(7311142570156650085); -- 'eventlne' as a number: the lane
    end if;

    select array_agg(s.stream), array_agg(s.version)
      into conflict_streams, conflict_versions
      from (select p.stream,
                   p.expected,
                   coalesce((select max(e.version) from events e where e.stream = p.stream), 0) as version
              from unnest(p_streams, p_expected) as p (stream, expected)) s
     where s.version <> s.expected;

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

-- Snapshots may be deleted at any moment: they only save replaying a stream from its beginning.
create table snapshots (
    stream   uuid        not null primary key,
    version  bigint      not null, -- the state after this version of the stream
    position bigint      not null, -- the position of that event in the log
    schema   smallint    not null, -- the encoding of state; another one than the reader's is ignored
    state    bytea       not null,
    taken_at timestamptz not null default now()
);
alter table snapshots alter column state set storage external; -- compact already, and read whole
