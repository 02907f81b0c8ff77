CREATE TABLE stored_providers (
    name TEXT NOT NULL,
    settings JSONB DEFAULT '{}' NOT NULL,
    sealed_key BYTEA,
    last_four TEXT DEFAULT '' NOT NULL,
    is_default BOOLEAN DEFAULT false NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT chatelier_now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT chatelier_now() NOT NULL,
    CONSTRAINT pk_stored_providers PRIMARY KEY (name)
);
CREATE UNIQUE INDEX ix_stored_providers_default ON stored_providers (is_default) WHERE is_default;
