import QtQuick
import "../theme"

// What can be touched: acts on release inside, once, by finger, keyboard or assistive technology.
MouseArea {
    id: tap

    property string name: ""
    property string description: ""
    property bool isReady: true
    property bool isNamed: true
    // A control that leads on stays down until its page has gone: no frame is spent on letting it up first.
    property bool leadsOn: false
    property bool isHeld: false
    readonly property bool isDown: pressed && containsMouse || isHeld
    property bool isTail: false
    signal acted

    function act(): void {
        if (isReady)
            acted();
    }

    enabled: isReady
    // What is hidden or not ready is passed over by the focus chain itself.
    activeFocusOnTab: true
    acceptedButtons: Qt.LeftButton
    onPressed: mouse => {
        const point = mapToItem(null, mouse.x, mouse.y);
        isTail = Guard.isTail(point.x, point.y);
        Guard.isKeyboardUsed = false;
        if (!isTail)
            face.tick();
    }
    onReleased: {
        if (leadsOn && containsMouse && !isTail) {
            isHeld = true;
            letGo.start();
        }
    }
    onClicked: mouse => {
        if (isTail)
            return;
        const point = mapToItem(null, mouse.x, mouse.y);
        Guard.note(point.x, point.y);
        acted();
    }
    onVisibleChanged: isHeld = false
    Timer {
        id: letGo
        interval: 400
        onTriggered: tap.isHeld = false
    }
    Connections {
        target: tap.isHeld ? Guard : null

        function onShowsChanged(): void {
            tap.isHeld = false;
        }
    }
    Keys.onSpacePressed: act()
    Accessible.role: Accessible.Button
    Accessible.name: name
    Accessible.description: description
    Accessible.ignored: !isNamed
    Accessible.focusable: isReady
    Accessible.onPressAction: act()
}
