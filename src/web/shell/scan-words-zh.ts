import type { en } from './scan-words-en.ts'

export const zh: typeof en = {
  head: '扫描二维码',
  camera: '用摄像头扫码',
  cameraOff: '关闭摄像头',
  picture: '选择二维码图片',
  pointAt: '摄像头画面：请对准二维码',
  noCode: '这张图片里没有能识别的二维码。',
  noCamera: '没有摄像头，或这里不允许使用。请选择二维码图片。',
}
