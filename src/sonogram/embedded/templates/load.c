/* Write the next frame, windowed, in the order in which the first pass of the transform takes it. */
static void load(frontend *state)
{
    size_t place = place_of(state, state->lag);
$before    for (size_t i = 0; i < FRONTEND_FRAME_LENGTH; i++) {
        float x = state->ring[place];
        place = place + 1 < RING ? place + 1 : 0;
$each        state->frame[order[i]] = window[i] * x;
    }
$after}
