/* Multiply a complex number by a root of unity. */
static inline void turn(float *z, const float *root)
{
    float real = z[0] * root[0] - z[1] * root[1];
    z[1] = z[0] * root[1] + z[1] * root[0];
    z[0] = real;
}
