package turbine

import "math"

const (
	cutIn     = 3.0    // m/s
	cutOut    = 25.0   // m/s, of the slow wind: the controller looks at a 10-minute mean
	restart   = 22.0   // m/s, of the same
	rated     = 2000.0 // kW
	standby   = -5.0   // kW: what heating and control take while nothing is produced
	leastKW   = -8.0   // kW
	curveStep = 0.5    // m/s between the points of curve
)

// curve is the power, in kW, of a 2 MW turbine with a rotor of 90 m, from cut-in on,
// at 1.225 kg/m³.
var curve = [...]float64{
	0, 25, 75, 127, 190, 266, 353, 459, 582, 725, 886, 1070, 1273, 1493, 1710, 1852, 1945, 1985, rated,
}

// producible is the power that a wind speed is good for, in kW; 0 below cut-in.
func producible(windSpeed float64) float64 {
	x := (windSpeed - cutIn) / curveStep
	switch {
	case x < 0:
		return 0
	case x >= float64(len(curve)-1):
		return rated
	}
	i := int(x)
	return curve[i] + (curve[i+1]-curve[i])*(x-float64(i))
}

// atStandardDensity is the wind speed that would carry as much power in air of
// 1.225 kg/m³ (IEC 61400-12-1, normalization of the wind speed), at sea level.
func atStandardDensity(windSpeed, celsius float64) float64 {
	return windSpeed * math.Cbrt(288.15/(273.15+celsius))
}
