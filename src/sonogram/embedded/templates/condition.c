/* Take one sample of the clip. */
static void take(frontend *state, float sample)
{
$lines    append(state, sample);
    if (state->total < RING)
        state->total++; /* a clip of more samples is as good as one of RING samples */
}
