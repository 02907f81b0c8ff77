ALTER TABLE generations
    ADD COLUMN description text NOT NULL DEFAULT '',
    ADD COLUMN prompt_by text NOT NULL DEFAULT 'person',
    ADD CONSTRAINT ck_generations_prompt_by CHECK (prompt_by IN ('person', 'rules', 'asked', 'model'));
ALTER TABLE images ADD COLUMN description text NOT NULL DEFAULT '';
