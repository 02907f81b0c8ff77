-- Quarters of an hour of each person beside those of everybody, which the owner 1 stands for.

DROP TABLE spend_quarters;
CREATE TABLE spend_quarters (
  owner_id UUID NOT NULL,
  begins TIMESTAMP WITH TIME ZONE NOT NULL,
  requests BIGINT NOT NULL,
  failed BIGINT NOT NULL,
  refused BIGINT NOT NULL,
  answers BIGINT NOT NULL,
  images BIGINT NOT NULL,
  micros BIGINT NOT NULL,
  CONSTRAINT pk_spend_quarters PRIMARY KEY (owner_id, begins)
);
INSERT INTO spend_quarters (owner_id, begins, requests, failed, refused, answers, images, micros)
SELECT whose, date_bin('15 minutes', counted_at, 'epoch'), count(*), count(*) FILTER (WHERE ended = 'failed'),
       count(*) FILTER (WHERE ended = 'refused'),
       count(*) FILTER (WHERE subject = 'reply' AND state = 'settled' AND ended = ''),
       coalesce(sum(images) FILTER (WHERE state = 'settled'), 0),
       coalesce(sum(micros) FILTER (WHERE state = 'settled'), 0)
FROM charges, unnest(ARRAY[owner_id, '00000000-0000-0000-0000-000000000001'::uuid]) AS whose
WHERE summed AND NOT is_test AND whose IS NOT NULL GROUP BY 1, 2;
