-- Who paints instead where a provider cannot be reached and nothing was paid: names in their order.

ALTER TABLE instance ADD COLUMN image_fallback JSONB NOT NULL DEFAULT '[]';
