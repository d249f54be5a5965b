import QtQuick
import "../theme"
import "../parts"

// The page that waits: what can be done here and now, and one thing to do: touch.
PageBase {
    id: page

    readonly property var tiles: body ? body.tiles : []
    readonly property var lines: body ? body.lines : []
    readonly property bool isPortrait: Theme.isPortrait
    readonly property color heroInk: Theme.isHigh ? Theme.ink : Theme.primaryInk
    readonly property color heroGround: Theme.isHigh ? Theme.ground : Theme.primary
    // With nothing to choose, the call to start is still true (help, language) but not the first thing to do.
    readonly property bool hasChoice: tiles.some(tile => tile.is_enabled)
    property int lit: 0
    property int shift: 0

    isWhole: true

    // A still picture for years would burn into the panel: everything moves by some pixels each minute.
    Timer {
        interval: 60000
        repeat: true
        running: page.isCurrent
        onTriggered: page.shift = (page.shift + 1) % 4
    }
    Timer {
        interval: 4000
        repeat: true
        running: page.isCurrent && !Theme.isMotionReduced
        onTriggered: page.lit = (page.lit + 1) % Math.max(1, page.tiles.length)
    }
    Item {
        id: stage
        x: [0, 2, 2, 0][page.shift]
        y: [0, 0, 2, 2][page.shift]
        width: page.width
        height: page.height

        Rectangle {
            id: hero
            y: 4 * Theme.mm
            width: page.isPortrait ? stage.width : Math.floor(stage.width * 0.56)
            height: page.isPortrait ? Math.round(stage.height * (page.tiles.length > 4 ? 0.44 : 0.5)) : stage.height - y + 4
            color: page.heroGround
            clip: true

            Column {
                id: words
                x: Theme.margin
                y: (page.isPortrait ? 16 : 14) * Theme.mm
                width: (page.isPortrait ? parent.width : parent.width) - 2 * Theme.margin
                spacing: 6 * Theme.mm

                Label {
                    width: parent.width * (Theme.isLarge ? 1 : 0.86)
                    text: page.page ? page.page.title : ""
                    color: page.heroInk
                    font.pixelSize: Theme.display
                    weight: 700
                    lineHeight: 1.02
                    Accessible.role: Accessible.Heading
                }
                Label {
                    width: parent.width
                    text: page.page ? page.page.lead : ""
                    color: page.heroInk
                    font.pixelSize: Theme.lead
                }
                Flow {
                    width: parent.width
                    spacing: 4 * Theme.mm

                    Repeater {
                        model: 4

                        Row {
                            id: promise
                            required property int index
                            readonly property string promiseText: index < page.lines.length ? page.lines[index] : ""
                            visible: promiseText !== ""
                            spacing: 3 * Theme.mm
                            rightPadding: 4 * Theme.mm

                            Rectangle {
                                width: 3 * Theme.mm
                                height: width
                                radius: width / 2
                                color: Theme.accent
                                anchors.verticalCenter: parent.verticalCenter
                            }
                            Label {
                                text: promise.promiseText
                                width: Math.min(Math.ceil(implicitWidth) + 1, words.width - 10 * Theme.mm)
                                color: page.heroInk
                                font.pixelSize: Theme.lead
                                weight: 500
                            }
                        }
                    }
                }
            }
            Scene {
                id: scene
                readonly property real room: hero.height - words.y - words.height - band.height - 8 * Theme.mm
                model: page.body ? page.body.scene : null
                isRunning: page.isCurrent
                isPlain: true
                height: Math.floor(Math.min(room, (hero.width - 2 * Theme.margin) * 0.75))
                width: Math.floor(height / 0.75)
                visible: model !== null && room > 50 * Theme.mm
                anchors.horizontalCenter: parent.horizontalCenter
                anchors.bottom: band.top
            }
            Kawung {
                id: band
                anchors.bottom: parent.bottom
                width: parent.width
                height: (page.isPortrait ? 24 : 20) * Theme.mm
                ground: page.heroGround
            }
        }
        Grid {
            id: offers
            readonly property real room: call.y - y - 8 * Theme.mm
            readonly property int lineCount: Math.ceil(page.tiles.length / columns)
            // What the words of each line of tiles need; what is left over is shared out among them.
            readonly property var needs: {
                const found = [];
                for (let i = 0; i < page.tiles.length; ++i) {
                    const line = Math.floor(i / columns);
                    found[line] = Math.max(found[line] ?? 0, offerTiles.itemAt(i)?.need ?? 0);
                }
                return found;
            }
            readonly property real spare: Math.max(0, room - (lineCount - 1) * spacing - needs.reduce((sum, one) => sum + one, 0)) / Math.max(1, lineCount)

            function lineHeight(line: int): real {
                const need = needs[line] ?? 0;
                const share = (room - (lineCount - 1) * spacing) / Math.max(1, lineCount);
                if (needs.every(one => one <= share))
                    return Math.floor(Math.min(84 * Theme.mm, share));
                return Math.floor(Math.min(Math.max(84 * Theme.mm, need), need + spare));
            }
            function lineEnd(line: int): real {
                let end = -spacing;
                for (let i = 0; i <= line; ++i)
                    end += lineHeight(i) + spacing;
                return end;
            }
            columns: page.isPortrait && !Theme.isLarge ? 2 : 1
            spacing: Theme.gap
            x: page.isPortrait ? Theme.margin : hero.width + 12 * Theme.mm
            y: page.isPortrait ? hero.y + hero.height + 10 * Theme.mm : hero.y
            width: stage.width - x - Theme.margin

            Repeater {
                id: offerTiles
                model: 6

                Rectangle {
                    id: offer
                    required property int index
                    readonly property var tile: index < page.tiles.length ? page.tiles[index] : null
                    readonly property bool isLive: tile !== null && tile.is_enabled
                    readonly property bool isLit: isLive && index === page.lit && !Theme.isMotionReduced
                    readonly property int line: Math.floor(index / offers.columns)
                    readonly property real need: what.height + 10 * Theme.mm
                    visible: tile !== null && offers.lineEnd(line) <= offers.room + 2
                    width: Math.floor((offers.width - (offers.columns - 1) * Theme.gap) / offers.columns)
                    height: offers.lineHeight(line)
                    radius: Theme.radius
                    color: isLive ? Theme.surfaceRaised : Theme.ground
                    border.width: isLit ? Theme.edge * 2 : isLive ? Theme.edge : Theme.hair
                    border.color: isLit ? Theme.accent : isLive && !Theme.isHigh ? Theme.lineSoft : Theme.line

                    Rectangle {
                        id: sign
                        x: 6 * Theme.mm
                        anchors.verticalCenter: parent.verticalCenter
                        width: Math.min(26 * Theme.mm, parent.height - 8 * Theme.mm)
                        height: width
                        radius: Theme.radius
                        color: offer.isLive ? Theme.primaryTint : Theme.surface
                        border.width: Theme.isHigh ? Theme.hair : 0
                        border.color: Theme.line

                        Icon {
                            anchors.centerIn: parent
                            name: offer.tile ? offer.tile.icon : ""
                            size: sign.width * 0.6
                            tone: offer.isLive ? Theme.primary : Theme.line
                        }
                    }
                    Column {
                        id: what
                        x: sign.x + sign.width + 6 * Theme.mm
                        width: offer.width - x - 5 * Theme.mm
                        anchors.verticalCenter: parent.verticalCenter
                        spacing: 1.5 * Theme.mm

                        Label {
                            width: parent.width
                            text: offer.tile ? offer.tile.title : ""
                            font.pixelSize: page.isPortrait ? Theme.lead : Theme.heading
                            weight: 700
                            lineHeight: 1.0
                            color: offer.isLive ? Theme.ink : Theme.inkSoft
                        }
                        Label {
                            width: parent.width
                            text: offer.tile ? (offer.isLive ? offer.tile.badge || offer.tile.text : offer.tile.reason) : ""
                            font.pixelSize: Theme.small
                            lineHeight: 1.05
                            color: Theme.inkSoft
                        }
                    }
                }
            }
        }
        Rectangle {
            id: call
            x: offers.x
            width: offers.width
            height: Math.max((page.isPortrait ? 40 : 34) * Theme.mm, callText.height + 14 * Theme.mm)
            y: stage.height - height - 14 * Theme.mm
            radius: Theme.radius
            color: tap.isDown ? Theme.primaryDown : page.hasChoice ? Theme.accent : Theme.surfaceRaised
            border.width: page.hasChoice ? 0 : Theme.edge
            border.color: Theme.primary

            Row {
                anchors.centerIn: parent
                spacing: 5 * Theme.mm

                Icon {
                    id: hand
                    name: "hand"
                    size: 15 * Theme.mm
                    tone: callText.color
                    anchors.verticalCenter: parent.verticalCenter
                }
                Label {
                    id: callText
                    text: page.body ? page.body.call : ""
                    isSilent: true
                    width: Math.min(Math.ceil(implicitWidth) + 1, call.width - hand.width - 20 * Theme.mm)
                    font.pixelSize: Theme.heading
                    weight: 700
                    color: tap.isDown ? (Theme.isHigh ? "#000000" : "#FFFFFF") : page.hasChoice ? Theme.paperInk : Theme.primary
                    anchors.verticalCenter: parent.verticalCenter
                }
            }
        }
    }
    Tap {
        id: tap
        objectName: "start"
        anchors.fill: parent
        name: page.body ? page.body.call : ""
        // What large letters leave no room for is heard, and stands on the next page.
        description: page.tiles.filter((tile, index) => offers.lineEnd(Math.floor(index / offers.columns)) > offers.room + 2).map(tile => tile.title + ". " + (tile.is_enabled ? tile.badge || tile.text : tile.reason)).join(". ")
        onActed: face.press("start")
    }
}
