-- The chain's end moves by one entry, to one that is there and follows the end before it: whoever may write to the
-- database can't set it back to hide entries, or point it elsewhere.
CREATE FUNCTION audit_head_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.id <> OLD.id + 1 OR NOT EXISTS (
        SELECT FROM audit WHERE id = NEW.id AND hash = NEW.hash AND prev_hash = OLD.hash
    ) THEN
        RAISE EXCEPTION 'the end of the audit log moves by one entry at a time'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER audit_head_follows BEFORE UPDATE ON audit_head
    FOR EACH ROW EXECUTE FUNCTION audit_head_follows();
