-- Tokens of agents, which send the samples of one host and may do nothing else.
ALTER TABLE api_token DROP CONSTRAINT api_token_role_check;
ALTER TABLE api_token ADD CONSTRAINT api_token_role_check
    CHECK (role IN ('cto', 'team_lead', 'engineer', 'viewer', 'agent'));
-- The host that it sends for, once that is settled.
ALTER TABLE api_token ADD COLUMN host text
    CONSTRAINT api_token_host_check CHECK (length(host) BETWEEN 1 AND 253),
    ADD CONSTRAINT api_token_agent_check
    CHECK (CASE WHEN role = 'agent' THEN team_id IS NULL ELSE host IS NULL END);
