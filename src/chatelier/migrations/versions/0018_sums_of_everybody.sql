-- Days and months of everybody together, by provider, model and plan; as in spend_quarters the owner 1 stands for them.
INSERT INTO spend_sums (span, begins, owner_id, provider, model, plan, is_test, requests, failed, refused, answers,
                        images, micros, ceiling_micros, over_micros)
SELECT span, begins, '00000000-0000-0000-0000-000000000001', provider, model, plan, is_test, sum(requests), sum(failed),
       sum(refused), sum(answers), sum(images), sum(micros), sum(ceiling_micros), sum(over_micros)
FROM spend_sums GROUP BY span, begins, provider, model, plan, is_test;

-- People's months lie among their days, and everybody's quarters among each person's.
CREATE INDEX ix_spend_sums_months ON spend_sums (begins)
  INCLUDE (owner_id, requests, failed, refused, answers, images, micros, ceiling_micros, over_micros)
  WHERE span = 'month' AND NOT is_test AND owner_id <> '00000000-0000-0000-0000-000000000001'::uuid;
CREATE INDEX ix_spend_quarters_everybody ON spend_quarters (begins)
  INCLUDE (requests, failed, refused, answers, images, micros)
  WHERE owner_id = '00000000-0000-0000-0000-000000000001'::uuid;
