-- Accounts are rows, not streams: the log holds user ids only, so that deleting
-- a row here forgets a person.
CREATE TABLE users (
    id            uuid        PRIMARY KEY,
    email         text        NOT NULL,
    name          text        NOT NULL,
    password_hash text        NOT NULL,
    role          text        NOT NULL CHECK (role IN ('user', 'admin')),
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL
);

-- E-mail addresses are kept as given and are ASCII: lower() means the same in
-- every locale. This index judges two registrations of one address.
CREATE UNIQUE INDEX users_email_key ON users (lower(email));

-- One row per log-in: a chain of refresh tokens of which exactly one is live.
-- Only token ids are kept. A family without a row is over, whatever its tokens
-- say; so revoking is deleting.
CREATE TABLE refresh_families (
    id             uuid        PRIMARY KEY,
    user_id        uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
    live_token     uuid        NOT NULL,
    previous_token uuid,
    rotated_at     timestamptz,
    grace_used     boolean     NOT NULL DEFAULT false,
    expires_at     timestamptz NOT NULL
);

CREATE INDEX refresh_families_user ON refresh_families (user_id);
CREATE INDEX refresh_families_expiry ON refresh_families (expires_at);
