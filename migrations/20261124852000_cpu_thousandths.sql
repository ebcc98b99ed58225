-- Processors' time of containers was kept to a hundredth of a core, from now on it is kept to a thousandth. How fine a series
-- is kept follows from its unit: those of before go on to be read as they were written, and end here; new ones follow them.
UPDATE resource_series AS series
SET unit = '{core}', ended_at = coalesce(series.ended_at, host.stored_until)
FROM resource_host AS host
WHERE host.id = series.host_id AND series.name = 'container.cpu.usage' AND series.unit = '{cpu}';
