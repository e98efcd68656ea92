-- Reasons are one closed list now: FAL's own error types, which stood among them, stay in detail and history.
UPDATE job SET reason = CASE
  WHEN reason = 'content_policy_violation' THEN 'policy'
  WHEN reason IN ('generation_timeout', 'request_timeout', 'startup_timeout') THEN 'timed_out'
  WHEN reason IN ('client_cancelled', 'client_disconnected') THEN 'ended_at_fal'
  WHEN reason LIKE 'runner_%' OR reason = 'internal_error' THEN 'service_failed'
  ELSE 'model_error'
END
WHERE state = 'failed' AND reason NOT IN ('no_media', 'not_a_video', 'link_refused', 'foreign_address', 'not_known');
