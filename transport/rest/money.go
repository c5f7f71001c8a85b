package rest

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// defaultCurrency is that of an event whose organiser named none.
const defaultCurrency = "USD"

// decimals returns how many decimal places a currency has, by ISO 4217: two, but for those listed.
func decimals(currency string) int {
	switch currency {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF":
		return 0
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3
	case "CLF", "UYW":
		return 4
	default:
		return 2
	}
}

// money writes an amount in minor units as a decimal number, with all the decimals its currency has. No float is involved.
func money(minor int64, currency string) Money {
	places := decimals(currency)
	if places == 0 {
		return json.Number(strconv.FormatInt(minor, 10))
	}
	sign, digits := "", strconv.FormatInt(minor, 10)
	if minor < 0 {
		sign, digits = "-", digits[1:]
	}
	if short := places + 1 - len(digits); short > 0 {
		digits = "0000"[:short] + digits
	}
	point := len(digits) - places
	return json.Number(sign + digits[:point] + "." + digits[point:])
}

// minorUnits reads a decimal number exactly. Its problem is "" when there is none.
func minorUnits(number Money, currency string) (minor int64, problem string) {
	places := decimals(currency)
	whole, fraction, _ := strings.Cut(string(number), ".")
	if strings.ContainsAny(string(number), "eE") {
		return 0, "must be written without an exponent"
	}
	if fraction = strings.TrimRight(fraction, "0"); len(fraction) > places {
		return 0, fmt.Sprintf("must not have more than %d decimals in %s", places, currency)
	}
	minor, err := strconv.ParseInt(whole+fraction+"0000"[:places-len(fraction)], 10, 64)
	if err != nil {
		return 0, "is out of range"
	}
	return minor, ""
}
