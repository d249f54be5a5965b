"""What stands around the machine: keypad, headphone socket, power supply and cabinet. No service needs them."""
