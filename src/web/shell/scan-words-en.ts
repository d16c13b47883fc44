export const en = {
  head: 'Scan a code',
  camera: 'Use the camera',
  cameraOff: 'Stop the camera',
  picture: 'Choose a picture of a code',
  pointAt: 'What the camera sees: point it at the code',
  noCode: 'There is no code to be read in this picture.',
  noCamera: 'There is no camera, or it is not allowed here. Choose a picture of the code.',
}
