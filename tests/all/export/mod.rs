mod environment;
mod reading;
mod round_trips;
mod what_is_not_held;
