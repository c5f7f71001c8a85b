-- Where each projection is in the log. A projection has generations, each with tables of its own: one is live, whose tables
-- are in the schema named after the projection; a next one may be in the making beside it, and others be kept, in schemas
-- named after projection and generation. The program makes the tables.

create table projections (
    name       text   not null,
    generation int    not null, -- 1, 2, 3, …
    version    int    not null, -- of the projection's code and tables: another one starts from the beginning
    state      text   not null check (state in ('building', 'live', 'retired')),
    position   bigint not null, -- the last event of the log that its tables know
    halted     text,            -- why it cannot go on; null: it can
    primary key (name, generation)
) with (fillfactor = 10); -- few rows, changed with every page of the log
create unique index projections_live_key on projections (name) where state = 'live';

-- advance_projection moves a checkpoint in the transaction that changes the projection's tables, by compare-and-swap: when
-- another node has moved it, or runs another version of the projection, this raises checkpoint_moved (SQLSTATE OS001) and
-- with it ends that transaction. Two nodes may so run the same projection.
--
-- The transaction need not wait for the disk. After a crash the tables and the checkpoint are back together where they
-- were, and the log, which does wait, has the rest.
--
-- What follows in the transaction finds rows by their keys, by a plan that is made once. A plan that was chosen while the
-- tables were small would scan them whole when they are large.
create function advance_projection(p_name text, p_version int, p_from bigint, p_to bigint) returns void
language plpgsql
as $$
begin
    perform set_config('synchronous_commit', 'off', true),
            set_config('plan_cache_mode', 'force_generic_plan', true),
            set_config('enable_seqscan', 'off', true),
            set_config('enable_hashjoin', 'off', true),
            set_config('enable_mergejoin', 'off', true);
    update projections set position = p_to where name = p_name and state = 'live' and version = p_version and position = p_from;
    if not found then
        raise exception 'checkpoint_moved' using errcode = 'OS001';
    end if;
end
$$;
