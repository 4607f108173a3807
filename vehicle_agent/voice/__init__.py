"""Sound to text and text to sound: WAV files and streams, Vosk and Whisper behind one contract, espeak-ng or flite."""
