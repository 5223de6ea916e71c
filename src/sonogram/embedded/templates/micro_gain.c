
/* Return the signal times the gain of its noise estimate, compressed: quadratic below 2, linear above.

   The gain is a parabola between two powers of 2. Where it leaves 16 bits it becomes negative, which the
   original multiplies as a large number without a sign. */
static uint32_t control_gain(uint32_t signal, uint32_t estimate)
{
    const int bits = bit_length(estimate);
    const int16_t *gain = gains + 3 * bits; /* at the beginning of the interval, slope, bend */
    uint32_t position = bits < 11 ? estimate << (11 - bits) : estimate >> (bits - 11);
    position = bits < 2 ? 0 : position & 0x3FFu;
    const int64_t slope = shift_right_64((int64_t)gain[2] * position, 5) + (int64_t)gain[1] * 32;
    const int16_t factor = low_16((int32_t)(gain[0] + shift_right_64(slope * position + (1 << 14), 15)));
    const uint32_t ratio = (uint32_t)(((uint64_t)signal * (uint32_t)(int32_t)factor) >> $shift);
    return ratio < 2u << 12 ? (ratio * ratio) >> 20 : (ratio >> 6) - 64u;
}
