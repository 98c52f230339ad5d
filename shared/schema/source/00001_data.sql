-- +goose Up
CREATE TABLE data (
    timestamp           timestamptz PRIMARY KEY CHECK (isfinite(timestamp)),
    wind_speed          double precision,
    power               double precision,
    ambient_temperature double precision
);

COMMENT ON TABLE data IS 'Samples of one wind turbine; NULL where a sensor gave nothing';
COMMENT ON COLUMN data.timestamp IS 'Instant of the sample';
COMMENT ON COLUMN data.wind_speed IS 'Wind speed at the hub, m/s';
COMMENT ON COLUMN data.power IS 'Active power, kW; negative where the turbine consumes';
COMMENT ON COLUMN data.ambient_temperature IS 'Temperature of the outside air, °C';

-- +goose Down
DROP TABLE data;
