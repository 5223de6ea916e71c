/* The natural logarithm. x = 2^e m with m in [sqrt(1/2), sqrt(2)), and with t = m - 1

       log m = t - t^2 / 2 + t^3 P(t).

   P is the polynomial of degree 7 with the least largest error (Remez exchange). The result is within
   1.2e-7 of its size for every float, subnormal ones too: about one step of float32. */
static float logarithm(float x)
{
    int32_t exponent = -127;
    uint32_t bits;
    if (!(x > 0.0f && x <= FLT_MAX))
        return x == 0.0f ? -INFINITY : x > 0.0f ? x : NAN;
    if (x < FLT_MIN) { /* a subnormal number, which has fewer digits */
        x *= 8388608.0f;
        exponent -= 23;
    }
    memcpy(&bits, &x, sizeof bits);
    /* The bits count in steps; adding those from sqrt(1/2) to 1 moves the border of the octaves. */
    const uint32_t octave = (bits + 0x004afb0du) >> 23;
    bits -= (octave - 127u) << 23;
    float m;
    memcpy(&m, &bits, sizeof m);
    const float t = m - 1.0f;
    float p = -0.07859618f;
    p = p * t + 0.1288165f;
    p = p * t - 0.13128754f;
    p = p * t + 0.14181192f;
    p = p * t - 0.16624554f;
    p = p * t + 0.20002286f;
    p = p * t - 0.2500081f;
    p = p * t + 0.33333317f;
    exponent += (int32_t)octave;
    return (float)exponent * 0.6931472f + (t + t * t * (p * t - 0.5f));
}
